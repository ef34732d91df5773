"""Every setting of the crawl that differs from Scrapy's own, with its reason."""

BOT_NAME = "aurora_br"
SPIDER_MODULES = ["aurora_crawl.spiders"]
NEWSPIDER_MODULE = "aurora_crawl.spiders"
COMMANDS_MODULE = "aurora_crawl.commands"
# Scrapy's own ends every command for one file that cannot be imported.
SPIDER_LOADER_CLASS = "aurora_crawl.crawling.spider_loader.SpiderLoader"

# The language of what people read: pt_BR or en. Empty: the environment's AURORA_LANG, else the locale's.
AURORA_LANG = ""

# Where everything that is kept lives.
DATA_DIR = "data"

# Keeps what servers answer as WARC under DATA_DIR/warc, so that `scrapy reparse` can read it again by better rules.
ARCHIVE = False

# Where the archives of the web are; a copy of one on this machine can be named in its stead.
CCNEWS_URL = "https://data.commoncrawl.org"
COMMONCRAWL_URL = "https://data.commoncrawl.org"
COMMONCRAWL_INDEX_URL = "https://index.commoncrawl.org"
WAYBACK_URL = "https://web.archive.org"
# Seconds before each question to its index: it takes 24 a minute, and blocks who asks more.
WAYBACK_DELAY = 2.6

# Servers belong to others: who we are, one request at a time, and slower where a server is slow.
USER_AGENT = "aurora-br/0.1 (builds a Portuguese text corpus; respects robots.txt)"
# A page or a mailbox for servers' owners, sent along with the name. Yours: -s CONTACT=https://example.org/crawler
CONTACT = ""
ROBOTSTXT_OBEY = True
ROBOTSTXT_USER_AGENT = "aurora-br"
CONCURRENT_REQUESTS = 8
# Articles of one response that are in the pipelines at once. The pipelines never wait, and Scrapy starts so many tasks for
# every response, of one article too: its hundred take 3 ms a page.
CONCURRENT_ITEMS = 2
# Scrapy would read the source text of every callback anew, 1 ms a page.
WARN_ON_GENERATOR_RETURN_VALUE = False
CONCURRENT_REQUESTS_PER_DOMAIN = 1
DOWNLOAD_DELAY = 1.0
AUTOTHROTTLE_ENABLED = True
AUTOTHROTTLE_START_DELAY = 1.0
AUTOTHROTTLE_MAX_DELAY = 60.0
COOKIES_ENABLED = False
# robots.txt may ask for a longer delay; nobody means hours.
CRAWL_DELAY_MAX = 120.0

# A longer Retry-After ends the crawl, and the next one keeps to it. Without one: 2 s, then 4 s.
RETRY_AFTER_MAX = 300.0
# True: what hosts said in earlier crawls of when they may be asked again is forgotten, for once with -s FORGET_WAITING=1.
FORGET_WAITING = False
RETRY_BACKOFF = 2.0
RETRY_TIMES = 2
REDIRECT_MAX_TIMES = 8

# Publishers who say that their texts are not for machine learning: obey drops what they say it of, mark keeps it and what
# they say with it.
OPT_OUT = "obey"

# Replaces e-mail addresses, CPF and telephone numbers by "[e-mail]", "[CPF]", "[telefone]". Off: what a newspaper prints of
# public persons is part of its text, and who publishes a corpus must look further than patterns can.
MASK_PERSONAL_DATA = False

# FineWeb-2's thresholds for Portuguese. An article beyond one is kept, marked and counted; `scrapy corpus` leaves it out.
QUALITY_LANGUAGE_SCORE = 0.799
QUALITY_DUPLICATE_LINES = 0.287
QUALITY_PUNCTUATED_LINES = 0.077
QUALITY_NEWLINES = 0.186
QUALITY_SHORTEST_WORDS = 3
QUALITY_LONGEST_WORDS = 13
QUALITY_NONALPHABETIC_WORDS = 0.186
QUALITY_STOP_WORDS = 2

# A hundred long articles are some 3 MB; a page beyond 10 MB is a trap. 60 s is long for a page and short for a night.
DOWNLOAD_MAXSIZE = 10 << 20
DOWNLOAD_WARNSIZE = 0
DOWNLOAD_TIMEOUT = 60

# Nothing but the web is opened; files, where a person names one in a shell.
DOWNLOAD_HANDLERS = {
    "http": "aurora_crawl.web.heads.BoundedHeads",
    "https": "aurora_crawl.web.heads.BoundedHeads",
    "data": None,
    "ftp": None,
    "s3": None,
}

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    # Before anything is asked of a host, its robots.txt included.
    "aurora_crawl.web.ssrf.ForeignAddresses": 50,
    "aurora_crawl.web.robots.Robots": 100,
    "aurora_crawl.web.optout.HostSignals": 150,
    "scrapy.downloadermiddlewares.useragent.UserAgentMiddleware": None,
    "aurora_crawl.web.user_agent.Agent": 500,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "aurora_crawl.web.waiting.Waiting": 540,
    "aurora_crawl.web.backoff.BackOff": 550,
    "aurora_crawl.web.throttle.Pace": 560,
    "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
    "aurora_crawl.web.redirects.MetaRefresh": 580,
    # Bot walls refresh themselves too, and are recognised by their letters: after the letters, before the refresh.
    "aurora_crawl.web.challenge.Challenges": 583,
    "aurora_crawl.web.charset.WrongCharsets": 586,
    "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": None,
    "aurora_crawl.web.decompress.WholeBodies": 590,
    "aurora_crawl.web.redirects.VainRedirects": 605,
    "aurora_crawl.web.warc.Record": 860,
}
SPIDER_MIDDLEWARES = {"aurora_crawl.web.optout.StampOptOuts": 100}
ITEM_PIPELINES = {
    "aurora_crawl.pipelines.validate.ValidatePipeline": 100,
    "aurora_crawl.pipelines.optout.OptOutPipeline": 150,
    # Spelling, boilerplate, personal data, language, quality, in the order of `text.clean.STEPS`.
    "aurora_crawl.pipelines.clean.CleanPipeline": 300,
    "aurora_crawl.pipelines.duplicates.DuplicatesPipeline": 600,
    "aurora_crawl.pipelines.export.ExportPipeline": 900,
}
# Monitors run at the end; a failed one makes the exit status 1.
SPIDERMON_ENABLED = True
SPIDERMON_SPIDER_CLOSE_MONITORS = ["aurora_crawl.monitoring.monitors.CrawlSuite"]
EXTENSIONS = {
    "aurora_crawl.monitoring.console.Console": 0,
    "aurora_crawl.monitoring.coverage.Coverage": 0,
    "spidermon.contrib.scrapy.extensions.Spidermon": 500,
    "aurora_crawl.monitoring.outcomes.Outcomes": 0,
    "aurora_crawl.monitoring.progress.Progress": 0,
    "aurora_crawl.monitoring.summary.Summary": 0,
    "aurora_crawl.monitoring.history.History": 0,
    "scrapy.extensions.logstats.LogStats": None,
}

# This package's own lines are for people and come in any case; Scrapy's talk comes back with --loglevel INFO or DEBUG.
LOG_LEVEL = "WARNING"
LOG_FORMAT = "%(asctime)s %(levelname)s %(message)s"
LOG_DATEFORMAT = "%H:%M:%S"
# For collectors of logs: every line is JSON, on standard error and in --logfile.
LOG_JSON = False
STATS_DUMP = False
# Between two lines of progress, where standard error is no terminal.
PROGRESS_SECONDS = 60

# Scrapy 2.19 would open local servers that run what is sent to them.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False
