"""`python -m barecast`."""

from barecast.cli import main

if __name__ == "__main__":
    main()
