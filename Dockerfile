# docker build -t migrationhost .
# The program alone: no sample, no database. Mount migrations and settings, or build FROM it and copy them in.
#
# docker run -p 8080:8080 -p 127.0.0.1:9090:9090 -v "$PWD/migrations:/app/migrations:ro" -v app-data:/app/data \
#   -e "MigrationHost__ManagementUrl=http://*:9090" -e "MigrationHost__Databases__app__ConnectionString=Data Source=data/app.db" migrationhost
# The full status, from this machine only: http://localhost:9090/migrations
#
# docker build --target alembic -t migrationhost-alembic .
# The program with Python and Alembic beside it, for Engine=Alembic. Mount the project, or build FROM it and copy it in;
# a project with packages of its own brings a virtual environment, and Alembic:Executable names its bin/alembic.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH=amd64
WORKDIR /source
COPY . .
RUN dotnet publish src/MigrationHost.Api --configuration Release --os linux --arch $TARGETARCH --self-contained false -p:PublishReadyToRun=true --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS program
WORKDIR /app
COPY --from=build /app .
RUN mkdir data && chown $APP_UID data
USER $APP_UID
EXPOSE 8080
# Liveness, not readiness: nothing may kill a long migration.
HEALTHCHECK --interval=10s --timeout=6s --retries=3 CMD ["/app/migrationhost", "healthcheck", "--live"]
ENTRYPOINT ["/app/migrationhost"]

FROM program AS alembic
USER root
RUN apt-get update \
 && apt-get install -y --no-install-recommends alembic python3-psycopg2 python3-sqlmodel \
 && rm -rf /var/lib/apt/lists/*
USER $APP_UID

# The last stage is what is built where no target is named.
FROM program AS migrationhost
