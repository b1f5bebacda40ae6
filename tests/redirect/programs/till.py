"""Makes a payment the way it is told to, with a key of its own, and prints its id: {"id"} or {"error"}."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import urllib.request

KEY = "sk_test_of_the_till_itself"
URL = "https://api.stripe.com/v1/payment_intents"
HEADERS = {"Authorization": f"Bearer {KEY}"}
how = sys.argv[1]
FORM = {"amount": "700", "currency": "usd", "description": how}


def sdk():
    import stripe

    stripe.api_key = KEY
    return {"id": stripe.PaymentIntent.create(**{**FORM, "amount": 700})["id"]}


def sdk_client():
    import stripe

    client = stripe.StripeClient(KEY)
    return {"id": getattr(client, "v1", client).payment_intents.create({**FORM, "amount": 700}).id}


def sdk_awaited():
    import stripe

    stripe.api_key = KEY
    return {"id": asyncio.run(stripe.PaymentIntent.create_async(**{**FORM, "amount": 700})).id}


def with_requests():
    import requests

    return requests.post(URL, headers=HEADERS, data=FORM, timeout=10).json()


def with_requests_basic():
    import requests

    return requests.post(URL, auth=(KEY, ""), data=FORM, timeout=10).json()


def with_httpx():
    import httpx

    return httpx.post(URL, headers=HEADERS, data=FORM).json()


async def asking():
    import httpx

    async with httpx.AsyncClient() as client:
        return (await client.post(URL, headers=HEADERS, data=FORM)).json()


def with_httpx_awaited():
    return asyncio.run(asking())


def with_httpx_on_uvloop():
    import uvloop

    return uvloop.run(asking())


def with_urllib():
    request = urllib.request.Request(URL, headers=HEADERS, data=urllib.parse.urlencode(FORM).encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def with_streams():
    async def talk():
        reader, writer = await asyncio.open_connection("api.stripe.com", 443, ssl=True)
        body = urllib.parse.urlencode(FORM)
        head = ("POST /v1/payment_intents HTTP/1.1", "Host: api.stripe.com", f"Authorization: Bearer {KEY}",
                "Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}", "Connection: close")
        writer.write("\r\n".join((*head, "", body)).encode())
        answer = await reader.read()
        writer.close()
        return json.loads(answer.partition(b"\r\n\r\n")[2])

    return asyncio.run(talk())


def live():
    key = "sk_" + "live_of_somebody"
    return urllib.request.urlopen(urllib.request.Request(URL, headers={"Authorization": f"Bearer {key}"})).status


def elsewhere():
    return urllib.request.urlopen("https://dashboard.stripe.com/login").status


def unencrypted():
    return urllib.request.urlopen("http://api.stripe.com/v1/payment_intents").status


def by_name():
    return socket.gethostbyname("api.stripe.com")


def listening():
    with socket.create_server(("127.0.0.1", 4242)) as server:
        return {"port": server.getsockname()[1]}


def settings():
    import sitecustomize

    started = subprocess.run("echo $HTTPS_PROXY", shell=True, capture_output=True, text=True, check=True)
    return {
        "own": getattr(sitecustomize, "OF_THE_TILL", None), "path": os.environ["PYTHONPATH"],
        "proxies": urllib.request.getproxies(), "grandchild": started.stdout,
    }


try:
    told = globals()[how]()
except Exception as error:
    told = {"error": str(error)}
sys.stdout.write(json.dumps({"id": told["id"]} if isinstance(told, dict) and "id" in told else told) + "\n")
