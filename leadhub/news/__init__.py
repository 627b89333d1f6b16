"""What has happened and plugins still have to hear of: written with the change, told by the worker."""
