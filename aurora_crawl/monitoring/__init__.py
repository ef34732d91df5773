"""What a crawl tells of itself."""
