-- Run once by the postgres image, when its volume is empty: a role and databases each for Temporal and for Belay.
-- Neither role may create databases, read the other's, or become a superuser.
\set temporal_password `cat /run/secrets/temporal-password`
\set belay_password `cat /run/secrets/belay-password`

CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

CREATE ROLE belay LOGIN PASSWORD :'belay_password';
CREATE DATABASE belay OWNER belay;

REVOKE CONNECT ON DATABASE temporal, temporal_visibility, belay FROM PUBLIC;
