"""The demo: starts every part as a process of its own and walks through it as people do, over HTTP only."""
