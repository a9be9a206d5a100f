"""Runs by several threads: parts of steps, their memory, and equal bytes whatever the number and order of threads."""
