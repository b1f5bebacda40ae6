"""Users of Locust's own kind: each waits for its answer before it asks again, at most a hundred times a second."""

from locust import FastHttpUser, constant_throughput, task


class Waiting(FastHttpUser):
    wait_time = constant_throughput(100)

    @task
    def asks(self) -> None:
        with self.client.get("/", name="till", catch_response=True) as answer:
            answer.success()
