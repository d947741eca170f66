-- Roles and databases of one node, on that node's own PostgreSQL 15+ server. Run as an administrator, again after
-- every change; it changes only what differs:
--
--   psql --no-psqlrc -v ON_ERROR_STOP=1 -v node=kz -v passwords="$(cat passwords.json)" -f roles.sql
--
-- passwords.json: {"migrator": "…", "identity": "…", "directory": "…", "referrals": "…", "referrals_keys": "…", …}.
-- Only the databases it names are made: a country names seven and the migrator, the region three and the migrator.
--
--   <service>_owner     NOLOGIN; owns database, schema and tables; only the migrator may become it
--   <service>_app       NOLOGIN; gets what the migrations grant, owns nothing, cannot bypass the wall
--   <node>_<service>    the login of that service's long-lived roles; may enter its own database and no other
--   <node>_migrator     the login of the migrate Job; holds nothing by itself (NOINHERIT), must SET ROLE
SELECT format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', name || part)
  FROM json_object_keys(:'passwords') AS name, unnest(ARRAY['_owner', '_app']) AS part
 WHERE name <> 'migrator' AND NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name || part) \gexec

SELECT format('CREATE ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION %s',
              :'node' || '_' || name, CASE name WHEN 'migrator' THEN 'NOINHERIT' ELSE 'INHERIT' END)
  FROM json_object_keys(:'passwords') AS name
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'node' || '_' || name) \gexec

-- The passwords travel inside the administrator's own session; with the settings of safar.conf none reaches the log.
SELECT format('ALTER ROLE %I PASSWORD %L', :'node' || '_' || name, password)
  FROM json_each_text(:'passwords') AS given (name, password) \gexec

SELECT format('GRANT %I TO %I', name || '_app', :'node' || '_' || name)
  FROM json_object_keys(:'passwords') AS name WHERE name <> 'migrator' \gexec
SELECT format('GRANT %I TO %I', name || '_owner', :'node' || '_migrator')
  FROM json_object_keys(:'passwords') AS name WHERE name <> 'migrator' \gexec

SELECT format('CREATE DATABASE %I OWNER %I', :'node' || '_' || name, name || '_owner')
  FROM json_object_keys(:'passwords') AS name
 WHERE name <> 'migrator' AND NOT EXISTS (SELECT FROM pg_database WHERE datname = :'node' || '_' || name) \gexec

-- No service connects to another service's database.
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', datname)
  FROM pg_database WHERE datname IN ('postgres', 'template1') OR datname LIKE :'node' || '\_%' \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I, %I', :'node' || '_' || name, :'node' || '_' || name, :'node' || '_migrator')
  FROM json_object_keys(:'passwords') AS name WHERE name <> 'migrator' \gexec
