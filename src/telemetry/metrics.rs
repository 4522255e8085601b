//! Metrics, named by the semantic conventions of OpenTelemetry. No label holds anything that a client chooses.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter, MeterProvider as _, UpDownCounter};
use opentelemetry_sdk::error::OTelSdkError;
use opentelemetry_sdk::metrics::SdkMeterProvider;
use prometheus::{Encoder as _, Registry, TextEncoder};

use crate::db::Db;
use crate::identity::sessions::Sessions;
use crate::jobs::Jobs;
use crate::notices::Outstanding;

/// Upper bounds in seconds, as the conventions advise for HTTP servers.
const SECONDS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
const COSTS: [f64; 8] = [1.0, 10.0, 50.0, 100.0, 500.0, 1_000.0, 5_000.0, 10_000.0];

/// The instruments of this process and where they are read.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    meter: Meter,
    /// Keeps the instruments alive.
    _provider: SdkMeterProvider,
    request_duration: Histogram<f64>,
    active_requests: UpDownCounter<i64>,
    operation_duration: Histogram<f64>,
    operation_cost: Histogram<u64>,
    rejected: Counter<u64>,
    panics: Counter<u64>,
}

impl Metrics {
    pub fn new() -> Result<Self, OTelSdkError> {
        let registry = Registry::new();
        let exporter = opentelemetry_prometheus::exporter()
            .with_registry(registry.clone())
            .build()?;
        let provider = SdkMeterProvider::builder().with_reader(exporter).build();
        let meter = provider.meter("portico");
        Ok(Self {
            request_duration: seconds(&meter, "http.server.request.duration"),
            active_requests: meter
                .i64_up_down_counter("http.server.active_requests")
                .build(),
            operation_duration: seconds(&meter, "portico.graphql.operation.duration"),
            operation_cost: meter
                .u64_histogram("portico.graphql.cost")
                .with_boundaries(COSTS.to_vec())
                .build(),
            rejected: meter.u64_counter("portico.graphql.rejected").build(),
            panics: meter.u64_counter("portico.panics").build(),
            registry,
            meter,
            _provider: provider,
        })
    }

    /// Reads the pools, the sessions and the jobs at every scrape from now on.
    pub fn observe(&self, db: &Db, sessions: &Sessions, jobs: &Jobs, outstanding: &Outstanding) {
        super::gauges::observe(&self.meter, db, sessions);
        super::gauges::observe_jobs(&self.meter, jobs);
        super::gauges::observe_deliveries(&self.meter, outstanding);
    }

    /// Everything in Prometheus' text format.
    pub fn text(&self) -> Result<Vec<u8>, prometheus::Error> {
        let mut text = Vec::new();
        TextEncoder::new().encode(&self.registry.gather(), &mut text)?;
        Ok(text)
    }

    /// A request has begun. The count goes down again when the result is dropped, however that happens.
    pub fn begin_request(&self) -> ActiveRequest {
        self.active_requests.add(1, &[]);
        ActiveRequest(self.active_requests.clone())
    }

    pub fn record_request(
        &self,
        method: &'static str,
        route: &'static str,
        status: u16,
        took: Duration,
    ) {
        let labels = [
            KeyValue::new("http.request.method", method),
            KeyValue::new("http.route", route),
            KeyValue::new("http.response.status_code", i64::from(status)),
        ];
        self.request_duration.record(took.as_secs_f64(), &labels);
    }

    pub fn record_operation(
        &self,
        kind: &'static str,
        outcome: &'static str,
        cost: u64,
        took: Duration,
    ) {
        let labels = [
            KeyValue::new("graphql.operation.type", kind),
            KeyValue::new("outcome", outcome),
        ];
        self.operation_duration.record(took.as_secs_f64(), &labels);
        self.operation_cost
            .record(cost, &[KeyValue::new("graphql.operation.type", kind)]);
    }

    /// A request that was not executed; `reason` is a code or the name of a limit.
    pub fn record_rejection(&self, reason: &'static str) {
        self.rejected.add(1, &[KeyValue::new("reason", reason)]);
    }

    pub fn record_panic(&self) {
        self.panics.add(1, &[]);
    }
}

fn seconds(meter: &Meter, name: &'static str) -> Histogram<f64> {
    meter
        .f64_histogram(name)
        .with_unit("s")
        .with_boundaries(SECONDS.to_vec())
        .build()
}

/// One request in work.
#[derive(Debug)]
pub struct ActiveRequest(UpDownCounter<i64>);

impl Drop for ActiveRequest {
    fn drop(&mut self) {
        self.0.add(-1, &[]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_named_by_the_conventions() {
        let metrics = Metrics::new().unwrap();
        let active = metrics.begin_request();
        metrics.record_request("POST", "/graphql", 200, Duration::from_millis(7));
        metrics.record_operation("query", "ok", 12, Duration::from_millis(5));
        metrics.record_rejection("depth");
        metrics.record_panic();
        drop(active);

        let text = String::from_utf8(metrics.text().unwrap()).unwrap();

        for line in [
            "http_server_request_duration_seconds_count{http_request_method=\"POST\",http_response_status_code=\"200\",http_route=\"/graphql\"",
            "http_server_active_requests{",
            "portico_graphql_operation_duration_seconds_bucket{graphql_operation_type=\"query\",",
            "portico_graphql_cost_sum{",
            "portico_graphql_rejected_total{",
            "reason=\"depth\"",
            "portico_panics_total{",
        ] {
            assert!(text.contains(line), "{line} is not in:\n{text}");
        }
    }
}
