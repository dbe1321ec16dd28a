# docker build -t migrationhost .
# The program alone: no sample, no database. Mount migrations and settings, or build FROM it and copy them in.

FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH=amd64
WORKDIR /source
COPY . .
RUN dotnet publish src/MigrationHost.Api --configuration Release --os linux --arch $TARGETARCH --self-contained false -p:PublishReadyToRun=true --output /app

FROM mcr.microsoft.com/dotnet/aspnet:10.0 AS migrationhost
WORKDIR /app
COPY --from=build /app .
RUN mkdir data && chown $APP_UID data
USER $APP_UID
EXPOSE 8080
# Liveness, not readiness: nothing may kill a long migration.
HEALTHCHECK --interval=10s --timeout=6s --retries=3 CMD ["/app/migrationhost", "healthcheck", "--live"]
ENTRYPOINT ["/app/migrationhost"]
