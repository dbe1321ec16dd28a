from django.db import migrations


class Migration(migrations.Migration):
    operations = [migrations.RunSQL("ALTER TABLE orders ADD COLUMN total integer", "ALTER TABLE orders DROP COLUMN total")]
