//! Where boxes and lines stand: layers from left to right, as Sugiyama, Tagawa and Toda (1981) do it.

/// A place in pixels.
pub(super) type Spot = (f64, f64);

/// Places of all boxes (their middles) and the lines between them.
#[derive(Debug)]
pub(super) struct Layout {
    pub nodes: Vec<Spot>,
    /// Each line from the right of its first box to the left of its last, by way of the layers between.
    pub routes: Vec<Vec<Spot>>,
    pub size: (f64, f64),
}

/// Lengths in pixels: the margin around the diagram, the least and the greatest gap between boxes of a layer, and the
/// height that a layer gives to a line which passes through it.
const MARGIN: f64 = 14.0;
const BOXES: f64 = 14.0;
const SPREAD: f64 = 60.0;
const PASSING: f64 = 10.0;
/// Sweeps that improve the order within the layers.
const SWEEPS: usize = 8;

impl Layout {
    /// Lays out boxes of these sizes with lines between these pairs; `None` if the lines lead in a circle. Layers are at
    /// least `apart` pixels from each other, and as far as the longest label of the lines that begin there: `labels` has
    /// the width of each.
    pub fn of(sizes: &[(f64, f64)], edges: &[(usize, usize)], labels: &[f64], apart: f64) -> Option<Layout> {
        let layers = layers(sizes.len(), edges)?;
        let count = layers.iter().max()? + 1;
        // Places in each layer: the boxes, then one for each line that passes through.
        let mut high: Vec<f64> = sizes.iter().map(|size| size.1).collect();
        let mut layer_of = layers.clone();
        let mut chains: Vec<Vec<usize>> = Vec::new();
        for &(from, to) in edges {
            let passing = (layers[from] + 1..layers[to]).map(|layer| {
                layer_of.push(layer);
                high.push(PASSING);
                high.len() - 1
            });
            let between: Vec<usize> = passing.collect();
            chains.push([vec![from], between, vec![to]].concat());
        }
        let mut columns: Vec<Vec<usize>> =
            (0..count).map(|layer| (0..high.len()).filter(|&at| layer_of[at] == layer).collect()).collect();
        let links: Vec<(usize, usize)> =
            chains.iter().flat_map(|chain| chain.windows(2).map(|pair| (pair[0], pair[1]))).collect();
        untangle(&mut columns, &links, high.len());

        let wide: Vec<f64> = columns
            .iter()
            .map(|column| {
                column.iter().filter_map(|&at| sizes.get(at)).map(|size| size.0).fold(0.0, f64::max)
            })
            .collect();
        let filled = |column: &[usize]| column.iter().map(|&at| high[at]).sum::<f64>();
        let gaps = |column: &[usize]| (column.len() - 1) as f64;
        let height = columns.iter().map(|column| filled(column) + BOXES * gaps(column)).fold(0.0, f64::max);
        let mut spots = vec![(0.0, 0.0); high.len()];
        let mut left = MARGIN;
        let behind = |layer: usize| {
            let from_here = edges.iter().zip(labels).filter(|((from, _), _)| layers[*from] == layer);
            from_here.map(|(_, label)| *label).fold(apart, f64::max)
        };
        for (layer, (column, wide)) in columns.iter().zip(&wide).enumerate() {
            let gap = ((height - filled(column)) / gaps(column).max(1.0)).clamp(BOXES, SPREAD);
            let mut top = MARGIN + (height - filled(column) - gap * gaps(column)) / 2.0;
            for &at in column {
                spots[at] = (left + wide / 2.0, top + high[at] / 2.0);
                top += high[at] + gap;
            }
            left += wide + behind(layer);
        }
        let routes = chains
            .iter()
            .map(|chain| {
                let mut route: Vec<Spot> = chain.iter().map(|&at| spots[at]).collect();
                let (first, last) = (chain[0], chain[chain.len() - 1]);
                route[0].0 += sizes[first].0 / 2.0;
                let end = route.len() - 1;
                route[end].0 -= sizes[last].0 / 2.0;
                route
            })
            .collect();
        spots.truncate(sizes.len());
        Some(Layout { nodes: spots, routes, size: (left - apart + MARGIN, height + 2.0 * MARGIN) })
    }
}

/// The layer of each box: one more than the last of those that lead to it. `None` if they lead in a circle.
fn layers(count: usize, edges: &[(usize, usize)]) -> Option<Vec<usize>> {
    let mut layers = vec![0; count];
    for _ in 0..=count {
        let mut settled = true;
        for &(from, to) in edges {
            if layers[to] <= layers[from] {
                layers[to] = layers[from] + 1;
                settled = false;
            }
        }
        if settled {
            return Some(layers);
        }
    }
    None
}

/// Orders each layer by the mean place of its neighbours in the layer before, then in the layer after, and again.
fn untangle(columns: &mut [Vec<usize>], links: &[(usize, usize)], count: usize) {
    let mut place = vec![0.0; count];
    let note = |column: &[usize], place: &mut Vec<f64>| {
        for (rank, &at) in column.iter().enumerate() {
            place[at] = rank as f64 - column.len() as f64 / 2.0;
        }
    };
    for column in columns.iter() {
        note(column, &mut place);
    }
    for sweep in 0..SWEEPS {
        let forwards = sweep % 2 == 0;
        let order: Vec<usize> =
            if forwards { (1..columns.len()).collect() } else { (0..columns.len()).rev().collect() };
        for layer in order {
            let mean = |at: usize| {
                let near = links.iter().filter_map(|&(from, to)| match (forwards, from == at, to == at) {
                    (true, _, true) => Some(place[from]),
                    (false, true, _) => Some(place[to]),
                    _ => None,
                });
                let (sum, count) = near.fold((0.0, 0), |(sum, count), place| (sum + place, count + 1));
                if count == 0 { place[at] } else { sum / f64::from(count) }
            };
            let mut column: Vec<(f64, usize)> = columns[layer].iter().map(|&at| (mean(at), at)).collect();
            column.sort_by(|a, b| a.0.total_cmp(&b.0));
            columns[layer] = column.into_iter().map(|(_, at)| at).collect();
            note(&columns[layer], &mut place);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_stands_right_of_those_that_lead_to_it() {
        let layout =
            Layout::of(&[(40.0, 20.0); 4], &[(0, 1), (1, 3), (2, 3), (0, 3)], &[0.0; 4], 50.0).unwrap();
        assert!(layout.nodes[0].0 < layout.nodes[1].0 && layout.nodes[1].0 < layout.nodes[3].0);
        assert_eq!(layout.routes[3].len(), 3, "a line over two layers passes through the one between");
        assert!(
            layout
                .nodes
                .iter()
                .all(|(x, y)| (0.0..=layout.size.0).contains(x) && (0.0..=layout.size.1).contains(y))
        );
        assert!(Layout::of(&[(40.0, 20.0); 2], &[(0, 1), (1, 0)], &[0.0; 2], 50.0).is_none());
    }

    #[test]
    fn lines_do_not_cross_where_they_need_not() {
        let layout = Layout::of(&[(40.0, 20.0); 4], &[(0, 3), (1, 2)], &[0.0; 2], 50.0).unwrap();
        assert!(layout.nodes[3].1 < layout.nodes[2].1);
    }

    #[test]
    fn a_long_label_moves_the_next_layer_only() {
        let at = |label: f64| {
            let layout = Layout::of(&[(40.0, 20.0); 3], &[(0, 1), (1, 2)], &[0.0, label], 50.0).unwrap();
            layout.nodes.iter().map(|spot| spot.0).collect::<Vec<_>>()
        };
        let (short, long) = (at(30.0), at(120.0));
        assert_eq!(&long[..2], &short[..2]);
        assert_eq!((short[2] - short[1], long[2] - long[1]), (90.0, 160.0));
    }
}
