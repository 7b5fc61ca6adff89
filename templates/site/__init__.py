"""The note on the web: what is frozen with it at publication, and the pages around it.

`frozen_texts` sets a note for the site once, on the evening it is published: its words at
three levels, the figures, the evidence of every sentence, the charts and the card that is
shown where somebody links to it. `page` puts such pieces into the site's frame, which may
change over the years; what the note said may not.
"""

from __future__ import annotations

from templates.site.facts import PAGE_VERSION
from templates.site.frame import asset, page
from templates.site.frozen import DAY, frozen_texts
from templates.site.pictured import with_charts

__all__ = ["DAY", "PAGE_VERSION", "asset", "frozen_texts", "page", "with_charts"]
