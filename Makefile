# Every target installs what it needs first: npm packages always, Debian packages where root or sudo is there.
.PHONY: lab test verify bench fuzz fuzz-wire crashes clean packages
SHELL := /bin/sh
LAB ?= calico-basics
export PATH := $(PATH):/usr/local/sbin:/usr/sbin:/sbin

# Brings up a cluster, runs the lab LAB on it, takes it down. Flags go into ARGS: make lab ARGS="--cluster kind"
lab: packages dist/ztlab.js
	@node dist/ztlab.js lab run $(LAB) $(ARGS)

# All tests. ARGS chooses: make test ARGS=test/unit
test: packages dist/ztlab.js
	@npm test --silent -- $(ARGS)

# What CI checks beside the tests: types, lint, format.
verify: node_modules/.stamp
	@npm run --silent verify

# Times on this machine: cluster ready, a lab, apply to enforced, a large matrix, memory.
bench: packages dist/ztlab.js
	@npm run --silent bench

# Random policy sets on an embedded cluster, predicted against measured: make fuzz SETS=500 SEED=7
fuzz: packages dist/ztlab.js
	@npm run --silent fuzz

# kill -9 at random moments of a lab: nothing is left, nothing blocks the next run. make crashes TIMES=1000 SEED=7
crashes: packages dist/ztlab.js
	@ZTLAB_CRASHES=$(or $(TIMES),1000) $(if $(SEED),ZTLAB_CRASH_SEED=$(SEED)) npm test --silent -- test/e2e/crashes -t 'kill -9 of any'

# Malformed requests of every kind to an API server of its own: make fuzz-wire REQUESTS=100000 SEED=7
fuzz-wire: node_modules/.stamp
	@npm run --silent fuzz:wire

clean:
	rm -rf dist node_modules test/actual coverage

dist/ztlab.js: node_modules/.stamp package.json $(shell find src -name '*.ts')
	@npm run --silent build

node_modules/.stamp: package.json package-lock.json
	@node -e 'if (+process.versions.node.split(".")[0] < 20) { console.error("ztlab needs Node >= 20, this is " + process.version); process.exit(3) }'
	npm install --no-save --loglevel=error --no-fund --no-audit
	@touch $@

# program:package, for whatever the embedded cluster calls
packages:
	@missing=; for pair in runc:runc nft:nftables ip:iproute2 busybox:busybox; do \
	  command -v $${pair%%:*} >/dev/null || missing="$$missing $${pair#*:}"; \
	done; \
	[ -z "$$missing" ] && exit 0; \
	as=; [ "$$(id -u)" = 0 ] || as='sudo'; \
	if [ -z "$$as" ] || sudo -n true 2>/dev/null; then \
	  echo "installing$$missing"; \
	  $$as apt-get update -qq && $$as env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
	else \
	  echo "ERROR [missing-package] these Debian packages are missing:$$missing" >&2; \
	  echo "next: sudo apt-get install$$missing" >&2; exit 3; \
	fi
