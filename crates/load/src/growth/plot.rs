//! A plot as SVG: panels beside each other with one logarithmic axis each, a common scale of costs, and a legend. It
//! is readable on light and on dark pages.

use std::fmt::Write as _;

const WIDTH: f64 = 860.0;
const HEIGHT: f64 = 430.0;
/// Around all panels.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 84.0;
const BOTTOM: f64 = 62.0;
/// Between two panels.
const GAP: f64 = 44.0;
/// Lines across, the one at 0 not counted.
const STEPS: u32 = 5;
/// Free space beside the first and the last point.
const MARGIN: f64 = 26.0;

/// Colours are written out, since not every viewer knows variables.
const STYLE: &str = "\
text{font:13px system-ui,sans-serif}.title{font-size:16px;font-weight:600}.value{font-size:12px}.curve{fill:none;stroke-width:2}\
.paper{fill:#fff}text{fill:#1f2328}.soft{fill:#59636e}.grid{stroke:#d1d9e0}\
.s0 .curve{stroke:#0b57d0}.s0 .dot,.s0 .value{fill:#0b57d0}\
.s1 .curve{stroke:#a3470a}.s1 .dot,.s1 .value{fill:#a3470a}\
.s2 .curve{stroke:#0a6b3b}.s2 .dot,.s2 .value{fill:#0a6b3b}\
@media(prefers-color-scheme:dark){\
.paper{fill:#0d1117}text{fill:#f0f6fc}.soft{fill:#9198a1}.grid{stroke:#3d444d}\
.s0 .curve{stroke:#7fb0ff}.s0 .dot,.s0 .value{fill:#7fb0ff}\
.s1 .curve{stroke:#ffa657}.s1 .dot,.s1 .value{fill:#ffa657}\
.s2 .curve{stroke:#56d364}.s2 .dot,.s2 .value{fill:#56d364}\
}";

/// One of the pictures beside each other.
pub(super) struct Panel {
    /// What grows.
    pub(super) axis: &'static str,
    pub(super) series: Vec<Series>,
}

/// What one operation costs.
pub(super) struct Series {
    pub(super) name: &'static str,
    /// How much is there, and microseconds.
    pub(super) points: Vec<(f64, f64)>,
}

/// Where values lie in a panel.
struct Scale {
    left: f64,
    width: f64,
    first_log: f64,
    last_log: f64,
    top_us: f64,
}

impl Scale {
    fn x(&self, size: f64) -> f64 {
        let span = (self.last_log - self.first_log).max(1.0);
        let share = (size.log10() - self.first_log) / span;
        self.left + MARGIN + share * (self.width - 2.0 * MARGIN)
    }

    fn y(&self, us: f64) -> f64 {
        HEIGHT - BOTTOM - us / self.top_us * (HEIGHT - TOP - BOTTOM)
    }
}

/// The whole document.
pub(super) fn draw(panels: &[Panel]) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-labelledby=\"t\">\n\
         <title id=\"t\">What a message, a page and a resume cost as the store grows</title>\n<style>{STYLE}</style>\n\
         <rect width=\"{WIDTH}\" height=\"{HEIGHT}\" class=\"paper\"/>\n"
    );
    text(&mut svg, (LEFT, 28.0), "title", "Server CPU per operation at a fixed load, µs");
    let all = panels.iter().flat_map(|panel| &panel.series).flat_map(|series| &series.points);
    let top_us = ceiling(all.map(|(_, us)| *us).fold(0.0, f64::max));
    if let Some(panel) = panels.first() {
        legend(&mut svg, &panel.series);
    }
    let count = f64::from(u32::try_from(panels.len()).unwrap_or(1).max(1));
    let width = (WIDTH - LEFT - RIGHT - GAP * (count - 1.0)) / count;
    for (place, panel) in (0_u32..).zip(panels) {
        let sizes = panel.series.iter().flat_map(|series| &series.points).map(|(size, _)| size);
        let (first, last) =
            sizes.fold((f64::MAX, 1.0_f64), |(low, high), size| (low.min(*size), high.max(*size)));
        let scale = Scale {
            left: LEFT + f64::from(place) * (width + GAP),
            width,
            first_log: first.log10(),
            last_log: last.log10(),
            top_us,
        };
        draw_panel(&mut svg, panel, &scale);
    }
    svg.push_str("</svg>\n");
    svg
}

fn legend(svg: &mut String, series: &[Series]) {
    let mut x = LEFT;
    for (index, series) in series.iter().enumerate() {
        put(
            svg,
            format_args!(
                "<g class=\"s{index}\"><line class=\"curve\" x1=\"{x:.0}\" y1=\"50\" x2=\"{:.0}\" y2=\"50\"/><circle class=\"dot\" cx=\"{:.0}\" cy=\"50\" r=\"4\"/></g>\n",
                x + 26.0,
                x + 13.0
            ),
        );
        text(svg, (x + 34.0, 54.0), "", series.name);
        x += 118.0;
    }
}

fn draw_panel(svg: &mut String, panel: &Panel, scale: &Scale) {
    let (left, right) = (scale.left, scale.left + scale.width);
    for step in 0..=STEPS {
        let us = scale.top_us * f64::from(step) / f64::from(STEPS);
        let y = scale.y(us);
        put(
            svg,
            format_args!(
                "<line class=\"grid\" x1=\"{left:.1}\" y1=\"{y:.1}\" x2=\"{right:.1}\" y2=\"{y:.1}\"/>\n"
            ),
        );
        put(
            svg,
            format_args!(
                "<text class=\"soft\" text-anchor=\"end\" x=\"{:.1}\" y=\"{:.1}\">{us:.0}</text>\n",
                left - 6.0,
                y + 4.0
            ),
        );
    }
    for (size, _) in panel.series.first().map(|series| series.points.as_slice()).unwrap_or_default()
    {
        let label = crate::report::rounded(*size);
        put(
            svg,
            format_args!(
                "<text class=\"soft\" text-anchor=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{label}</text>\n",
                scale.x(*size),
                HEIGHT - BOTTOM + 20.0
            ),
        );
    }
    put(
        svg,
        format_args!(
            "<text text-anchor=\"middle\" x=\"{:.1}\" y=\"{:.1}\">{} (logarithmic)</text>\n",
            left + scale.width / 2.0,
            HEIGHT - BOTTOM + 44.0,
            panel.axis
        ),
    );
    for (index, series) in panel.series.iter().enumerate() {
        let at: Vec<String> = series
            .points
            .iter()
            .map(|(size, us)| format!("{:.1},{:.1}", scale.x(*size), scale.y(*us)))
            .collect();
        put(
            svg,
            format_args!(
                "<g class=\"s{index}\"><polyline class=\"curve\" points=\"{}\"/>\n",
                at.join(" ")
            ),
        );
        for (size, us) in &series.points {
            let (x, y) = (scale.x(*size), scale.y(*us));
            put(
                svg,
                format_args!(
                    "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"/><text class=\"value\" text-anchor=\"middle\" x=\"{x:.1}\" y=\"{:.1}\">{us:.0}</text>\n",
                    y - 9.0
                ),
            );
        }
        svg.push_str("</g>\n");
    }
}

fn text(svg: &mut String, (x, y): (f64, f64), class: &str, words: &str) {
    put(svg, format_args!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>\n"));
}

fn put(svg: &mut String, piece: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    let _written = svg.write_fmt(piece).is_ok();
}

/// The end of the scale: a round number of steps above the largest value.
fn ceiling(largest: f64) -> f64 {
    let step = (largest / f64::from(STEPS)).max(1.0);
    let unit = 10.0_f64.powf(step.log10().floor());
    let round = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|times| times * unit >= step);
    round.unwrap_or(10.0) * unit * f64::from(STEPS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_at_a_round_number_above_everything() {
        for (largest, end) in [(0.0, 5.0), (4.0, 5.0), (41.0, 50.0), (168.0, 250.0), (260.0, 500.0)]
        {
            assert_eq!(ceiling(largest), end, "{largest}");
        }
    }

    #[test]
    fn every_point_is_drawn_in_both_panels() {
        let series = || vec![Series { name: "page", points: vec![(1e3, 100.0), (1e7, 120.0)] }];
        let panels = ["stored messages", "people"].map(|axis| Panel { axis, series: series() });
        let svg = draw(&panels);
        assert_eq!(svg.matches("<circle").count(), 5, "four points and the legend");
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(svg.contains(">10,000,000<") && svg.ends_with("</svg>\n"), "{svg}");
    }
}
