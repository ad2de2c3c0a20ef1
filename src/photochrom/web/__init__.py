"""The web service: a page for anyone, an API for programs, and jobs that outlive the process that took them.

``photochrom serve`` builds it. Needs the ``web`` extra; nothing else in photochrom imports this room, but
``photochrom.client`` its models.
"""
