"""A real WordPress of a thousand posts: what the first reading costs, and that a second one asks only for what changed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path

import pytest

from aurora_crawl.storage.shards import read_shard

ROOT = Path(__file__).resolve().parents[2]
PORT = 18084
ADDRESS = f"http://127.0.0.1:{PORT}"
LAB = Path(tempfile.gettempdir()) / "aurora-wordpress-update"

# WordPress' own functions, as its editor calls them: five new posts, and three whose text changes.
EDITORS_AT_WORK = r"""
<?php
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require getenv('WP_ROOT') . '/wp-load.php';
$mark = getenv('MARK');
for ($i = 1; $i <= 5; $i++) {
  $text = "<p>A redação acrescentou esta notícia de número $i depois da primeira leitura, e ela diz $mark.</p>";
  $text .= "<p>O sindicato confirmou o que a assembleia da véspera decidiu, e a prefeitura não quis comentar.</p>";
  echo wp_insert_post(['post_title' => "Notícia nova $i $mark", 'post_content' => $text, 'post_status' => 'publish']), "\n";
}
$ids = get_posts(['numberposts' => 3, 'offset' => 500, 'orderby' => 'ID', 'order' => 'ASC', 'fields' => 'ids']);
foreach ($ids as $id) {
  $text = get_post($id)->post_content . "<p>Atualização: a categoria suspendeu a greve, segundo a nota $mark.</p>";
  wp_update_post(wp_slash(['ID' => $id, 'post_content' => $text]));
}
"""


@pytest.fixture(scope="module")
def wordpress(shared: Path) -> str:
    """The address of a WordPress with at least 1,000 posts; it stays up, so that a second run is quick."""
    if os.geteuid() != 0:
        pytest.skip("needs root to install and start WordPress' packages")
    environment = {**os.environ, "WP_LAB": str(LAB), "PORT": str(PORT), "POSTS": "1000"}
    subprocess.run(["bash", shared / "tools" / "wordpress_up.sh", "up"], check=True, timeout=900, env=environment)
    return ADDRESS


def crawl(data_dir: Path) -> str:
    """What one crawl tells."""
    command = [sys.executable, "-m", "scrapy", "crawl", "outraspalavras", "-a", f"site_url={ADDRESS}"]
    fast = ["-s", f"DATA_DIR={data_dir}", "-s", "DOWNLOAD_DELAY=0", "-s", "AUTOTHROTTLE_ENABLED=False"]
    done = subprocess.run([*command, *fast], cwd=ROOT, check=False, capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    return done.stderr


def requests(told: str) -> int:
    found = re.search(r"(\d+) requests", told)
    assert found, told
    return int(found[1])


def stored(data_dir: Path) -> list[dict]:
    return [row for shard in sorted(data_dir.glob("articles/*/*.gz")) for row in read_shard(shard)]


def test_a_second_reading_asks_only_for_what_is_new_or_changed(wordpress: str, tmp_path: Path) -> None:
    first = crawl(tmp_path)
    before = stored(tmp_path)
    assert len(before) >= 1000
    assert len({row["id"] for row in before}) == len(before)
    assert requests(first) <= 0.02 * len(before)

    script = tmp_path / "editors.php"
    script.write_text(EDITORS_AT_WORK.strip(), encoding="utf-8")
    # Texts that differ from those of an earlier run: the site stays up, and a repeated text is not stored.
    environment = {**os.environ, "WP_ROOT": str(LAB / "www"), "MARK": uuid.uuid4().hex}
    subprocess.run(["php", script], check=True, timeout=900, env=environment, capture_output=True)

    second = crawl(tmp_path)
    known = {row["id"] for row in before}
    added = stored(tmp_path)[len(before) :]
    assert requests(second) <= 4
    assert sorted((row["id"] in known, row["revision"]) for row in added) == [(False, 0)] * 5 + [(True, 1)] * 3
    assert all("Atualização" in row["text"] for row in added if row["revision"])

    third = crawl(tmp_path)
    assert "kept 0, new revisions 0" in third
