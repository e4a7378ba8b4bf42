//! What one operation cost, and how several runs of it are told: medians and ratios.

/// What an operation cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Seconds.
    pub seconds: f64,
    /// Bytes from the client, with HTTP's own.
    pub up: u64,
    /// Bytes from the server, with HTTP's own.
    pub down: u64,
    /// Connections.
    pub connections: u64,
}

/// The middle one; 0 of none.
pub fn median(values: &[f64]) -> f64 {
    share(values, 0.5)
}

/// The value below which a share of them lies; 0 of none.
pub fn share(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
    sorted.get(at).copied().unwrap_or(0.0)
}

/// A table in Markdown.
#[derive(Debug, Default)]
pub struct Table {
    text: String,
}

impl Table {
    /// With these columns.
    pub fn new(columns: &[&str]) -> Table {
        let mut table = Table::default();
        table.row(&columns.iter().map(|column| (*column).to_owned()).collect::<Vec<_>>());
        table.text.push_str(&format!("|{}\n", "---|".repeat(columns.len())));
        table
    }

    /// One more row.
    pub fn row(&mut self, cells: &[String]) {
        self.text.push_str(&format!("| {} |\n", cells.join(" | ")));
    }

    /// The table.
    pub fn text(&self) -> &str {
        &self.text
    }
}
