"""The server of the built site, where its port cannot be had."""

import socket

import pytest
import serve


@pytest.mark.parametrize("port", ["used", "-1", "65536", "http"])
def test_a_port_that_cannot_be_had_is_one_sentence(port, tmp_path, monkeypatch):
    (tmp_path / "index.html").touch()
    monkeypatch.setattr(serve, "HTML", tmp_path)
    with socket.create_server(("", 0)) as taken:
        port = str(taken.getsockname()[1]) if port == "used" else port
        with pytest.raises(SystemExit, match=rf"^cannot serve at port {port} \(.+\); choose another: .*PORT=8080$"):
            serve.main([f"--port={port}"])
