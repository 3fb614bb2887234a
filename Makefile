export VERSION := $(shell scripts/version 2>/dev/null || echo unknown)
COMMIT := $(shell git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)
FUZZTIME ?= 1m

export CGO_ENABLED = 0
export GO_LDFLAGS = -X main.version=$(VERSION) -X main.commit=$(COMMIT)

.DEFAULT_GOAL := build
.PHONY: build demo test test-faults test-page check check-deploy cross deb test-systemd release fuzz bench bench-go clean help

build: ## build bin/sensorpub and bin/sensorpub-demo
	go build -tags nethttpomithttp2 -trimpath -buildvcs=false -ldflags "$(GO_LDFLAGS)" -o bin/ ./cmd/sensorpub ./cmd/sensorpub-demo

demo: build ## the daemon with mock sensors and its own broker, on this machine
	bin/sensorpub-demo

test: build ## all tests; with a real Mosquitto too where there is one
	SENSORPUB_BINARY=$(CURDIR)/bin/sensorpub go test -parallel 8 ./...

test-faults: build ## the fault suite that takes minutes; as root for all of it
	SENSORPUB_BINARY=$(CURDIR)/bin/sensorpub go test -tags faults -parallel 64 -timeout 60m \
		-run '^TestFault[0-9]|Flipped|Truncated|Zeroed' ./cmd/sensorpub/e2e ./publisher/spool

test-page: build ## the status page in Chromium; needs Mosquitto, Node.js and npm
	SENSORPUB_BINARY=$(CURDIR)/bin/sensorpub scripts/check-page

check: build cross ## format, vet, staticcheck, race, 32 bit, scripts, units, sizes
	scripts/check

check-deploy: build ## start the brokers and consumers of deploy/ on this machine, and take some away
	SENSORPUB_BINARY=$(CURDIR)/bin/sensorpub scripts/check-deploy

cross: ## build dist/ for ARMv6, ARMv7, arm64 and amd64, static and stripped
	scripts/cross

deb: build cross ## build Debian packages and tarballs in dist/
	scripts/deb

test-systemd: deb ## install, break, upgrade and purge the package under a real systemd; as root
	scripts/test-systemd

release: ## build the newest section of CHANGELOG.md twice, compare, into dist/release/
	scripts/release

fuzz: ## run each fuzz target for FUZZTIME (1m)
	scripts/fuzz $(FUZZTIME)

bench: build ## compare with other programs, into docs/performance.md; about 20 minutes
	python3 scripts/bench

bench-go: ## run the benchmarks in Go
	go test -run '^$$' -bench . -benchmem ./...

clean: ## remove bin/ and dist/
	rm -rf bin dist

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 13
