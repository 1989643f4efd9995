//! Gradient descent by the Gram matrix `AᵀA`: an epoch works on matrices of n rows and never visits the m rows of A.
//!
//! With `c = 2 lr φ'(s)`, where φ is the [`Loss`](crate::Loss) as a function of the sum of squares s, and `G = VᵀV`,
//! `M = I - c G`, an update is
//!
//! ```text
//! U' = U M + c A V          V' = V + c (W - V H)      with W = AᵀU (n, r), H = UᵀU (r, r)
//! ```
//!
//! so the update of V needs only W and H, and these follow from `K = AᵀA` (n, n) without U:
//!
//! ```text
//! W' = AᵀU' = W M + c K V   H' = U'ᵀU' = M (H M + c WᵀV) + c VᵀW'
//! ```
//!
//! as do the coefficients of `U = U₀ P + A Q`: `P' = P M`, `Q' = Q M + c V`. The sum of squares is `‖A‖² - 2 ⟨W, V⟩ + ⟨H, G⟩`.
//! An epoch takes n² r + O(n r²) operations, whatever the number of rows.

use super::Descent;
use crate::error::Result;
use crate::lanes::{Padded, dot};

/// Epochs between two computations of U, W and H from their definitions, so that rounding does not build up.
const EPOCHS_BETWEEN: usize = 64;
/// The sum of squares is trusted down to this share of its terms, where 3 of its 16 digits have cancelled.
const TRUSTED: f64 = 1e-3;

/// Descends to the last epoch (`true`), or to the first whose loss cannot be trusted (`false`), which the caller then
/// has to report.
pub(super) fn descend(state: &mut Descent<'_>) -> Result<bool> {
    let (n, r) = (state.v.rows, state.v.columns);
    let (long, square) = (|| Padded::zeros(n, r), || Padded::zeros(r, r));
    let norm = dot(&state.a, &state.a);
    let k = Padded::gram(&state.a);
    let (mut w, mut q, mut kv, mut dv, mut swap) = (long(), long(), long(), long(), long());
    let (mut h, mut p, mut g, mut m, mut s, mut hm) =
        (square(), Padded::identity(r), square(), square(), square(), square());
    w.add_transposed_product(1.0, &state.a, &state.u);
    h.add_transposed_product(1.0, &state.u, &state.u);

    for epoch in 1_usize.. {
        g.cleared().add_transposed_product(1.0, &state.v, &state.v);
        let (cross, own) = (2.0 * dot(&w, &state.v), dot(&h, &g));
        let squares = norm - cross + own;
        let trusted = squares >= TRUSTED * (norm + cross.abs() + own);
        let step = if trusted { state.report(squares)? } else { None };
        if step.is_none() || epoch % EPOCHS_BETWEEN == 0 {
            let mut u = Padded::zeros(state.u.rows, r);
            u.add_product(1.0, &state.u, &p);
            u.add_product(1.0, &state.a, &q);
            state.u = u;
            p = Padded::identity(r);
            q.clear();
            w.cleared().add_transposed_product(1.0, &state.a, &state.u);
            h.cleared().add_transposed_product(1.0, &state.u, &state.u);
        }
        let Some(c) = step else { return Ok(trusted) };

        let v = &mut state.v;
        m.set_identity().add(-c, &g);
        kv.cleared().add_product(1.0, &k, v);
        s.cleared().add_transposed_product(c, &w, v);
        dv.assign(&w);
        dv.add_product(-1.0, v, &h);

        swap.cleared().add_product(1.0, &w, &m);
        swap.add(c, &kv);
        std::mem::swap(&mut w, &mut swap);
        s.add_product(1.0, &h, &m); // H M + c WᵀV
        hm.cleared().add_product(1.0, &m, &s);
        hm.add_transposed_product(c, v, &w);
        std::mem::swap(&mut h, &mut hm);

        swap.cleared().add_product(1.0, &q, &m);
        swap.add(c, v);
        std::mem::swap(&mut q, &mut swap);
        hm.cleared().add_product(1.0, &p, &m);
        std::mem::swap(&mut p, &mut hm);
        v.add(c, &dv);
    }
    Ok(true)
}
