# The program, for object stores too, in a small image for an unprivileged user:
#   docker build --tag conviction .
#   docker run --rm --volume "$PWD:/data" --user "$(id -u):$(id -g)" conviction sweep /data/spec.toml --out /data/results
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY . .
RUN cargo build --release --locked --features cloud --bin conviction && strip target/release/conviction

FROM debian:bookworm-slim
# Certificates for object stores; nothing else is needed beside the C library.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /build/target/release/conviction /usr/local/bin/conviction
USER 10001:10001
WORKDIR /data
ENTRYPOINT ["conviction"]
