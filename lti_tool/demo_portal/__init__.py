"""The demo's learning portal: a small LTI 1.3 platform, an outsider that imports nothing of the tool."""
