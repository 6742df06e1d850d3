INSERT INTO sign_ins (sign_in, account, region, at, client)
