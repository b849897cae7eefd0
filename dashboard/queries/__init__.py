"""What the pages and the feed read: few indexed queries, answered as typed values."""
