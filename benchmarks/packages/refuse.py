"""One hostile package, alone in a process: what was said, how long it took, the most memory there was."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path

from lti_tool.content_library import ContentBroken, load_package
from lti_tool.content_library.archive import opened


def peak_mib() -> float:
    """The most memory of this program; where that is known apart, without that of the program that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(path: Path) -> None:
    start, used = time.perf_counter(), time.process_time()
    said = ""
    try:
        with opened(path) as folder:
            load_package(folder)
    except ContentBroken as broken:
        said = str(broken)
    told = {
        "seconds": time.perf_counter() - start,
        "cpu": time.process_time() - used,
        "peak": peak_mib(),
        "said": said,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
