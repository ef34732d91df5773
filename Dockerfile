# docker build -t aurora-br --target crawl .        crawl and corpus
# docker build -t aurora-br:train --target train .  the same, and training on an NVIDIA GPU
# docker run -v "$PWD/data:/work/data" aurora-br crawl mst -a limit=20
FROM python:3.13-slim-bookworm AS crawl
WORKDIR /src
COPY setup.cfg pyproject.toml constraints.txt README.md LICENSE ./
COPY aurora_crawl ./aurora_crawl
COPY train ./train
RUN pip install --no-cache-dir -c constraints.txt '.[corpus,books,cluster]' \
    && useradd --create-home aurora \
    && install --directory --owner aurora /work
USER aurora
WORKDIR /work
VOLUME /work/data
ENTRYPOINT ["aurora"]
CMD ["--help"]

FROM crawl AS train
USER root
WORKDIR /src
RUN pip install --no-cache-dir -c constraints.txt '.[train]'
USER aurora
WORKDIR /work
