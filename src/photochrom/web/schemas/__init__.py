"""The JSON that goes in and out of the service: :mod:`.options`, :mod:`.photos` and :mod:`.jobs`."""
