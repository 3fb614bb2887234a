"""Publishes by asyncio-mqtt, one task for each sensor.

usage: asynciomqtt.py burst PORT MESSAGES WINDOW
       asynciomqtt.py edge PORT SENSORS MILLISECONDS
"""
import asyncio
import sys

import asyncio_mqtt

SERIES = 1000


async def burst(client, messages, window):
    async def worker(first):
        for n in range(first, messages, window):
            await client.publish(f"temperature/p{n % SERIES}", "28.4", qos=1, timeout=60)

    await asyncio.gather(*(worker(n) for n in range(window)))


async def edge(client, sensors, every):
    async def sensor(n):
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            await client.publish(f"temperature/p{n}", "28.4", qos=1, retain=True)
            due += every / 1000
            await asyncio.sleep(due - loop.time())

    await asyncio.gather(*(sensor(n) for n in range(sensors)))


async def main():
    what, port, a, b = sys.argv[1], *(int(x) for x in sys.argv[2:])
    most = b if what == "burst" else max(a, 20)
    async with asyncio_mqtt.Client("127.0.0.1", port, max_concurrent_outgoing_calls=max(most, 100)) as client:
        client._client.max_inflight_messages_set(most)  # it has no parameter for it; paho's own default is 20
        await (burst if what == "burst" else edge)(client, a, b)


asyncio.run(main())
