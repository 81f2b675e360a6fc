/** The shaders of the canvas: all nodes, all edges, and the boxes and strokes of what is near. */

const HEAD = `#version 300 es
precision highp float;
precision highp sampler2DArray;
`;

/** Of what lies on the canvas: own place and lens place, mixed. */
const PLACED = `
layout(location = 0) in vec2 a_own;
layout(location = 1) in vec2 a_lens;
uniform vec3 u_camera; // x, y, zoom
uniform vec2 u_view; // CSS pixels
uniform float u_mix;
vec4 seen(vec2 offset) {
  vec2 at = mix(a_own, a_lens, u_mix) + offset;
  vec2 screen = (at - u_camera.xy) * u_camera.z / (u_view * 0.5);
  return vec4(screen.x, -screen.y, 0.0, 1.0);
}
`;

export const LINES = {
  vertex: `${HEAD}${PLACED}
void main() { gl_Position = seen(vec2(0.0)); }`,
  fragment: `${HEAD}
uniform vec4 u_colour;
out vec4 colour;
void main() { colour = vec4(u_colour.rgb * u_colour.a, u_colour.a); }`,
};

/** Nodes from afar: a quad each, its picture from the atlas; layer 255 has none yet. */
export const CARDS = {
  vertex: `${HEAD}${PLACED}
layout(location = 2) in vec2 a_corner;
layout(location = 3) in vec2 a_uv;
layout(location = 4) in float a_layer;
uniform vec2 u_half;
out vec3 v_uv;
void main() {
  v_uv = vec3(a_uv, a_layer);
  gl_Position = seen(a_corner * u_half);
}`,
  fragment: `${HEAD}
uniform sampler2DArray u_atlas;
in vec3 v_uv;
out vec4 colour;
void main() {
  colour = v_uv.z > 254.5 ? vec4(0.13, 0.137, 0.15, 1.0) : vec4(texture(u_atlas, v_uv).rgb, 1.0);
}`,
};

/** Modes of a box. */
export const FLAT = 0;
export const SHELF = 1;
export const ATLAS = 2;
export const OWN = 3;
export const SHADOW = 4;

const SCREEN = `
uniform vec2 u_view;
vec4 placed(vec2 at) { return vec4(at.x / u_view.x * 2.0 - 1.0, 1.0 - at.y / u_view.y * 2.0, 0.0, 1.0); }
`;

/** Boxes with round corners; a mode above 7 is that of a second picture, times 8, fading in along the diagonal. */
export const BOXES = {
  vertex: `${HEAD}${SCREEN}
layout(location = 0) in vec4 a_place; // at, and from the centre
layout(location = 1) in vec4 a_shape; // half size, radius, stroke
layout(location = 2) in vec4 a_uv; // first, second picture
layout(location = 3) in vec3 a_from; // mode, layers
layout(location = 4) in vec4 a_fill;
layout(location = 5) in vec4 a_stroke;
out vec2 v_local;
out vec4 v_uv;
flat out vec4 v_shape;
flat out vec3 v_from;
flat out vec4 v_fill;
flat out vec4 v_stroke;
void main() {
  v_local = a_place.zw;
  v_shape = a_shape;
  v_uv = a_uv;
  v_from = a_from;
  v_fill = a_fill.abgr;
  v_stroke = a_stroke.abgr;
  gl_Position = placed(a_place.xy);
}`,
  fragment: `${HEAD}
uniform sampler2DArray u_shelf;
uniform sampler2DArray u_atlas;
uniform sampler2D u_own;
uniform float u_pixel; // CSS pixels per device pixel
in vec2 v_local;
in vec4 v_uv;
flat in vec4 v_shape;
flat in vec3 v_from;
flat in vec4 v_fill;
flat in vec4 v_stroke;
out vec4 colour;
vec3 look(float mode, vec2 uv, float layer) {
  if (mode < 1.5) return texture(u_shelf, vec3(uv, layer)).rgb;
  if (mode < 2.5) return texture(u_atlas, vec3(uv, layer)).rgb;
  return texture(u_own, uv).rgb;
}
void main() {
  float radius = v_shape.z;
  vec2 q = abs(v_local) - v_shape.xy + radius;
  float d = length(max(q, 0.0)) + min(max(q.x, q.y), 0.0) - radius;
  float mode = mod(v_from.x, 8.0);
  if (mode > 3.5) {
    float dark = 1.0 - smoothstep(-v_shape.w, v_shape.w, d);
    float alpha = v_fill.a * dark * dark;
    colour = vec4(v_fill.rgb * alpha, alpha);
    return;
  }
  vec4 fill = v_fill;
  if (mode > 0.5) {
    // All are looked up, whatever the mode: derivatives need it for the shelf's mip levels.
    vec3 seen = look(mode, v_uv.xy, v_from.y);
    float second = floor(v_from.x / 8.0);
    if (second > 0.5) {
      float across = dot(v_local / v_shape.xy, vec2(0.72, 0.28));
      seen = mix(seen, look(second, v_uv.zw, v_from.z), smoothstep(-0.22, 0.22, across));
    }
    fill.rgb *= seen;
  }
  float cover = clamp(0.5 - d / u_pixel, 0.0, 1.0);
  float inner = v_shape.w > 0.0 ? clamp(0.5 - (d + v_shape.w) / u_pixel, 0.0, 1.0) : 1.0;
  vec4 under = vec4(fill.rgb * fill.a, fill.a);
  vec4 edge = vec4(v_stroke.rgb * v_stroke.a, v_stroke.a);
  colour = cover * mix(edge + under * (1.0 - edge.a), under, inner);
}`,
};

export const STROKES = {
  vertex: `${HEAD}${SCREEN}
layout(location = 0) in vec4 a_place; // at, side −1…1, half width
layout(location = 1) in vec2 a_along; // pixels along, dash
layout(location = 2) in vec4 a_colour;
out vec4 v_line;
flat out vec4 v_colour;
void main() {
  v_line = vec4(a_place.zw, a_along);
  v_colour = a_colour.abgr;
  gl_Position = placed(a_place.xy);
}`,
  fragment: `${HEAD}
uniform float u_pixel;
in vec4 v_line;
flat in vec4 v_colour;
out vec4 colour;
void main() {
  float half_width = v_line.y;
  // The strip is a pixel wider than the line on either side.
  float away = abs(v_line.x) * (half_width + u_pixel);
  float cover = clamp((half_width - away) / u_pixel + 0.5, 0.0, 1.0);
  float dash = v_line.w;
  if (dash > 0.0) {
    float at = abs(mod(v_line.z, dash * 2.0) - dash);
    cover *= clamp((at - dash * 0.45) / u_pixel + 0.5, 0.0, 1.0);
  }
  float alpha = v_colour.a * cover;
  colour = vec4(v_colour.rgb * alpha, alpha);
}`,
};
