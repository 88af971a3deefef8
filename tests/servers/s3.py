"""A real S3-compatible service of our own, moto's, on a free port of this machine."""

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "casewright"
KEY_ID, SECRET = "AKIAEXAMPLE", "a secret that is only good for tests"


class S3Server:
    """Start with `start()`, take settings from `settings`, end with `stop()`; keeps nothing."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self.endpoint = ""

    def start(self) -> None:
        """Listen, with one empty bucket."""
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.endpoint = f"http://{host}:{port}"
        boto3.client(
            "s3",
            endpoint_url=self.endpoint,
            region_name="us-east-1",
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
        ).create_bucket(Bucket=BUCKET)

    def stop(self) -> None:
        """Stop listening."""
        self._server.stop()

    @property
    def settings(self) -> dict[str, str]:
        """Return what Settings need to keep files here."""
        return {
            "files_url": f"s3://{BUCKET}/kept",
            "files_endpoint": self.endpoint,
            "files_region": "us-east-1",
            "files_key_id": KEY_ID,
            "files_secret": SECRET,
        }
