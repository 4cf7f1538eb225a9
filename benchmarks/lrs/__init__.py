"""The built-in LRS beside Ralph, and beside itself when it is a hundred times as full (`make bench-lrs`)."""
