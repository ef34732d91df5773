"""`python -m aurora_crawl.demo`: the demo."""

import sys

from aurora_crawl.demo.run import main

if __name__ == "__main__":
    sys.exit(main())
