# Where the database is, libpq's own variables say: PGHOST, PGPORT, PGUSER, PGPASSWORD.
import os

SECRET_KEY = "only for migrations"
INSTALLED_APPS = ["shop"]
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": os.environ["PGDATABASE"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
