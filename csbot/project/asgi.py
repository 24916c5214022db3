"""The ASGI application of this repository's own site: `uvicorn csbot.project.asgi:application`."""

import os
import warnings

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csbot.project.settings")
site = get_asgi_application()  # sets Django up, which what follows needs

from channels_adapters.asgi import with_csbot  # noqa: E402 - models may be imported only now

# whitenoise answers with files, which Django's ASGI handler reads in a thread and warns about; they are small.
warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators", Warning)
application = with_csbot(site)
