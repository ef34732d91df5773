"""`python -m aurora_crawl.demo`: the demo."""

import sys
from importlib.util import find_spec

from aurora_crawl.messages import _

if __name__ == "__main__":
    if find_spec("rich") is None:
        sys.exit(_("demo: needs the extra `demo`: pip install 'aurora-br[demo]'"))
    # Only here: it imports what may be missing.
    from aurora_crawl.demo.run import main

    sys.exit(main())
