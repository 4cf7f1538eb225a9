"""The tool: an adaptive assessment and micro-trainings, launched by a learning portal."""

import os

# The engine's matrices are small. A second thread of OpenBLAS costs more than it brings (a simulation on two busy
# cores took five times as long), and takes a core from somebody else's answer. Read when NumPy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

VERSION = "0.1.0"
