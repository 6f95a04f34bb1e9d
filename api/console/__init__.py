"""The web console, on the same process as the API.

Pages are built with NiceGUI and know nothing about rights, narrowing or audit: whatever a page shows or does goes
through the API as the person who looks at it (:class:`api.console.desk.Desk`). The folders: ``parts`` are what several
pages are made of, ``pages`` the pages; :func:`api.console.install.install` puts the console onto an application.
"""
