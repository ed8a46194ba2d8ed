//! Describes charts in the terms of the Plotly library, with the choices that change them.

use crate::digits::rounded;
use serde_json::{Map, Value, json};

/// A chart, with one frame per combination of choices.
#[derive(Debug)]
pub struct Figure {
    /// Caption, one line.
    pub caption: String,
    /// Choices for the reader.
    pub choices: Vec<Choice>,
    /// Frames, one per combination of choices, with the last choice varying fastest.
    pub frames: Vec<Frame>,
    /// Layout shared by all frames: axes and their titles.
    pub layout: Value,
    /// Height in pixels.
    pub height: u32,
    /// Least width in pixels; the chart scrolls where the page is narrower.
    pub least_width: u32,
    /// True if narrow pages exchange the rows and columns of its map.
    pub turns: bool,
}

/// A choice for the reader.
#[derive(Debug)]
pub struct Choice {
    /// Label.
    pub name: String,
    /// Options.
    pub options: Vec<String>,
    /// True for a slider, false for a list.
    pub slider: bool,
}

impl Choice {
    /// Creates a drop-down list.
    pub fn list(name: &str, options: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            name: name.to_owned(),
            options: options.into_iter().map(Into::into).collect(),
            slider: false,
        }
    }

    /// Creates a slider.
    pub fn slider(name: &str, options: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            slider: true,
            ..Self::list(name, options)
        }
    }
}

/// Contents of a chart for one combination of choices.
#[derive(Debug)]
pub struct Frame {
    /// Traces.
    pub data: Vec<Value>,
    /// Changes to the figure's layout.
    pub layout: Value,
}

impl Figure {
    /// Creates a chart without choices.
    pub fn fixed(caption: &str, x: &str, y: &str, data: Vec<Value>) -> Self {
        Self::chosen(
            caption,
            x,
            y,
            Vec::new(),
            vec![Frame {
                data,
                layout: json!({}),
            }],
        )
    }

    /// Creates a chart with a frame for each combination of choices.
    pub fn chosen(
        caption: &str,
        x: &str,
        y: &str,
        choices: Vec<Choice>,
        frames: Vec<Frame>,
    ) -> Self {
        let combinations: usize = choices.iter().map(|choice| choice.options.len()).product();
        assert_eq!(
            combinations,
            frames.len(),
            "{caption}: a frame for each combination"
        );
        Self {
            caption: caption.to_owned(),
            choices,
            frames,
            layout: json!({ "xaxis": { "title": { "text": x } }, "yaxis": { "title": { "text": y } } }),
            height: 360,
            least_width: 0,
            turns: false,
        }
    }

    /// Merges into the layout.
    pub fn with(mut self, layout: Value) -> Self {
        merge(&mut self.layout, layout);
        self
    }

    /// Sets the height.
    pub fn tall(mut self, height: u32) -> Self {
        self.height = height;
        self
    }

    /// Sets the least width.
    pub fn broad(mut self, width: u32) -> Self {
        self.least_width = width;
        self
    }

    /// Lets narrow pages exchange the rows and columns of the map.
    pub fn turning(mut self) -> Self {
        self.turns = true;
        self
    }

    /// Marks days by vertical lines, each with its text, if the chart runs over days.
    pub fn mark(&mut self, marks: &[(u32, String)]) {
        let is_of_days = self.layout["xaxis"]["title"]["text"] == "day";
        if marks.is_empty() || !is_of_days {
            return;
        }
        let lines = marks.iter().map(|(day, _)| {
            json!({
                "type": "line", "yref": "paper", "x0": day, "x1": day, "y0": 0, "y1": 1,
                "line": { "dash": "dash", "width": 1, "color": "#888" },
            })
        });
        let lines: Vec<Value> = lines.collect();
        let texts = marks.iter().map(|(day, text)| {
            json!({
                "x": day, "y": 1, "yref": "paper", "yanchor": "bottom", "text": text, "showarrow": false,
                "font": { "size": 10 },
            })
        });
        // The layout of a frame replaces the shapes of the figure.
        for frame in &mut self.frames {
            let own = frame.layout["shapes"].as_array().cloned();
            frame.layout["shapes"] = json!([own.unwrap_or_default(), lines.clone()].concat());
        }
        merge(
            &mut self.layout,
            json!({ "annotations": texts.collect::<Vec<_>>() }),
        );
    }

    /// Returns the chart in the format of the page's script.
    pub fn json(&self) -> Value {
        let frames = self.frames.iter();
        json!({
            "choices": self.choices.iter().map(|choice| json!({
                "name": choice.name, "options": choice.options, "slider": choice.slider,
            })).collect::<Vec<_>>(),
            "frames": frames.map(|frame| json!({ "data": frame.data, "layout": frame.layout }))
                .collect::<Vec<_>>(),
            "layout": self.layout, "height": self.height, "turns": self.turns,
        })
    }
}

fn merge(into: &mut Value, from: Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                merge(into.entry(key).or_insert(Value::Object(Map::new())), value);
            }
        }
        (into, from) => *into = from,
    }
}

/// Formats a number for a chart: six significant digits, null if not finite.
pub fn shown(value: f64) -> Value {
    if !value.is_finite() {
        return Value::Null;
    }
    json!(rounded(value, 6))
}

/// Formats numbers for a chart.
pub fn all(values: impl IntoIterator<Item = f64>) -> Value {
    Value::Array(values.into_iter().map(shown).collect())
}

/// Draws a line.
pub fn line(name: &str, x: Value, y: Value) -> Value {
    json!({ "type": "scatter", "mode": "lines", "name": name, "x": x, "y": y })
}

/// Draws a line through marked points.
pub fn marked(name: &str, x: Value, y: Value) -> Value {
    json!({ "type": "scatter", "mode": "lines+markers", "name": name, "x": x, "y": y })
}

/// Draws stacked areas.
pub fn stacked(name: &str, x: Value, y: Value) -> Value {
    json!({
        "type": "scatter", "mode": "lines", "name": name, "x": x, "y": y,
        "stackgroup": "all", "line": { "width": 0.5 },
    })
}

/// Draws bars.
pub fn bars(name: &str, x: Value, y: Value) -> Value {
    json!({ "type": "bar", "name": name, "x": x, "y": y })
}

/// Draws the area between two lines.
pub fn band(name: &str, x: &Value, low: Value, high: Value, opacity: f64) -> [Value; 2] {
    let color = format!("rgba(31, 119, 180, {opacity})");
    let edge = |y: Value| {
        json!({
            "type": "scatter", "mode": "lines", "x": x, "y": y, "line": { "width": 0 },
            "hoverinfo": "skip", "showlegend": false,
        })
    };
    let mut upper = edge(high);
    merge(
        &mut upper,
        json!({ "name": name, "fill": "tonexty", "fillcolor": color, "showlegend": true }),
    );
    [edge(low), upper]
}

/// Creates a frame without changes to the layout.
pub fn frame(data: Vec<Value>) -> Frame {
    Frame {
        data,
        layout: json!({}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_finite() {
        assert_eq!(shown(1.0 / 3.0).to_string(), "0.333333");
        assert_eq!(shown(f64::NAN), Value::Null);
        assert_eq!(all([1.0, f64::INFINITY]).to_string(), "[1.0,null]");
    }

    #[test]
    fn layouts_merge_into_each_other() {
        let figure =
            Figure::fixed("", "x", "y", vec![]).with(json!({ "xaxis": { "type": "log" } }));
        assert_eq!(figure.layout["xaxis"]["type"], "log");
        assert_eq!(figure.layout["xaxis"]["title"]["text"], "x");
    }
}
