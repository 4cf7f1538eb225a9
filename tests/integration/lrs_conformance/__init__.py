"""The Statement and About part of xAPI 1.0.3, requirement by requirement, on the real app over HTTP."""
