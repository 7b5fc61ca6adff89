"""Blogs people already have: one post a session, whatever happens on the way.

A blog is a class that fits `bot.blogs.channel.Blog`; `bot.blogs.channel.BlogChannel` makes a
channel of it. The post is read back from the edition's frozen ``blog.md``.
"""
