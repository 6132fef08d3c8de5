def test_health_is_told_without_database_host_or_tls(client, settings):
    settings.ALLOWED_HOSTS = ["cat.example.org"]
    settings.SECURE_SSL_REDIRECT = True
    response = client.get("/healthz", headers={"host": "10.0.0.7:8000"})
    assert (response.status_code, response.content) == (200, b"ok")


def test_anything_else_keeps_to_its_host(client, settings):
    settings.ALLOWED_HOSTS = ["cat.example.org"]
    assert client.get("/", headers={"host": "10.0.0.7:8000"}).status_code == 400
