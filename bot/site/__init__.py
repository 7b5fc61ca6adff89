"""The public site: every published note as pages, feeds and files, built or served live.

A `Shelf` says which notes there are and hands out their frozen pieces; `plan` says which pages
follow from them, each with a key of all it rests on; `build` writes the pages whose key has
changed, and `site_router` makes them as they are asked for.
"""
