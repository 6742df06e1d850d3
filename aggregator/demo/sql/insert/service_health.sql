INSERT INTO service_health (service, at, up, milliseconds)
