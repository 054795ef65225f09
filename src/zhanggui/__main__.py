"""`python -m zhanggui`, the same as `zhanggui`."""

from .cli.main import main

if __name__ == "__main__":
    main()
