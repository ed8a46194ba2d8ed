//! A chart, in the terms of the Plotly library, and the choices that change it.

use crate::digits::rounded;
use serde_json::{Map, Value, json};

/// A chart. What it shows may depend on choices: then there is a frame for each combination.
#[derive(Debug)]
pub struct Figure {
    /// What is shown, in a line.
    pub caption: String,
    /// What the reader may choose.
    pub choices: Vec<Choice>,
    /// What is drawn for each combination of choices, in the order of the choices, the last fastest.
    pub frames: Vec<Frame>,
    /// What all frames have in common: axes and their titles.
    pub layout: Value,
    /// Pixels.
    pub height: u32,
}

/// What the reader may choose.
#[derive(Debug)]
pub struct Choice {
    /// What it is about.
    pub name: String,
    /// The options.
    pub options: Vec<String>,
    /// Whether it is a slider instead of a list.
    pub slider: bool,
}

impl Choice {
    /// A list to choose from.
    pub fn list(name: &str, options: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            name: name.to_owned(),
            options: options.into_iter().map(Into::into).collect(),
            slider: false,
        }
    }

    /// A slider.
    pub fn slider(name: &str, options: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            slider: true,
            ..Self::list(name, options)
        }
    }
}

/// What is drawn for one combination of choices.
#[derive(Debug)]
pub struct Frame {
    /// The traces.
    pub data: Vec<Value>,
    /// What differs from the figure's layout.
    pub layout: Value,
}

impl Figure {
    /// A chart that never changes.
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

    /// A chart with a frame for each combination of choices.
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
        }
    }

    /// Adds to the layout.
    pub fn with(mut self, layout: Value) -> Self {
        merge(&mut self.layout, layout);
        self
    }

    /// Another height.
    pub fn tall(mut self, height: u32) -> Self {
        self.height = height;
        self
    }

    /// The chart as the page's script takes it.
    pub fn json(&self) -> Value {
        let frames = self.frames.iter();
        json!({
            "choices": self.choices.iter().map(|choice| json!({
                "name": choice.name, "options": choice.options, "slider": choice.slider,
            })).collect::<Vec<_>>(),
            "frames": frames.map(|frame| json!({ "data": frame.data, "layout": frame.layout }))
                .collect::<Vec<_>>(),
            "layout": self.layout,
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

/// A number as a chart needs it: six digits; nothing where it is not finite.
pub fn shown(value: f64) -> Value {
    if !value.is_finite() {
        return Value::Null;
    }
    json!(rounded(value, 6))
}

/// Numbers as a chart needs them.
pub fn all(values: impl IntoIterator<Item = f64>) -> Value {
    Value::Array(values.into_iter().map(shown).collect())
}

/// A line.
pub fn line(name: &str, x: Value, y: Value) -> Value {
    json!({ "type": "scatter", "mode": "lines", "name": name, "x": x, "y": y })
}

/// Areas on top of each other.
pub fn stacked(name: &str, x: Value, y: Value) -> Value {
    json!({
        "type": "scatter", "mode": "lines", "name": name, "x": x, "y": y,
        "stackgroup": "all", "line": { "width": 0.5 },
    })
}

/// Bars.
pub fn bars(name: &str, x: Value, y: Value) -> Value {
    json!({ "type": "bar", "name": name, "x": x, "y": y })
}

/// The area between two lines.
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

/// A frame without changes to the layout.
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
