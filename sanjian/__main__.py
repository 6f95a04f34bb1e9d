"""``python -m sanjian``."""

from sanjian.cli import main

if __name__ == "__main__":
    main()
