/**
 * The shaders of a living edge: what `forkframe/engines/builtin/drawing.py` and `palette.py` do, pixel by pixel.
 *
 * In every texture here row 0 is the top of the picture, so `gl_FragCoord` − ½ is (x, y) as in an image. Where a kernel
 * allows, neighbours are fetched two by two (or four by four) by linear filtering at a place between them.
 */

/** A triangle that covers the viewport, without any vertex buffer. */
export const COVER = `#version 300 es
void main() {
  gl_Position = vec4(gl_VertexID == 1 ? 3.0 : -1.0, gl_VertexID == 2 ? 3.0 : -1.0, 0.0, 1.0);
}`;

/**
 * A band of colour differences, −1…1, and a share are stored as half floats where those can be drawn to (`HALF_FLOAT`),
 * else as their bits in integers, which always can.
 */
const BANDS = `
#ifdef HALF_FLOAT
  #define Band sampler2D
  #define Stored vec4
  vec4 band(Band from, ivec2 at) { return texelFetch(from, at, 0); }
  Stored stored(vec3 value, float share) { return vec4(value, share); }
  // Between the centres of pixels, which are at whole places: linear, repeated beyond the border.
  vec3 between(Band from, vec2 at) { return textureLod(from, (at + 0.5) / vec2(textureSize(from, 0)), 0.0).rgb; }
#else
  #define Band usampler2D
  #define Stored uvec2
  vec4 band(Band from, ivec2 at) {
    uvec2 bits = texelFetch(from, at, 0).rg;
    return vec4(unpackHalf2x16(bits.x), unpackHalf2x16(bits.y));
  }
  Stored stored(vec3 value, float share) {
    return uvec2(packHalf2x16(value.rg), packHalf2x16(vec2(value.b, share)));
  }
  vec3 between(Band from, vec2 at) {
    ivec2 i = ivec2(floor(at)), end = textureSize(from, 0) - 1;
    ivec2 p = clamp(i, ivec2(0), end), q = clamp(i + 1, ivec2(0), end);
    vec2 f = at - vec2(i);
    vec4 above = mix(band(from, p), band(from, ivec2(q.x, p.y)), f.x);
    return mix(above, mix(band(from, ivec2(p.x, q.y)), band(from, q), f.x), f.y).rgb;
  }
#endif
`;

/** Places beyond the border, mirrored about the outermost pixels (OpenCV's REFLECT_101). */
export const MIRRORED = `
vec2 mirrored(vec2 place, vec2 last) { return last - abs(last - abs(place)); }
vec3 mirrored(vec3 place, float last) { return last - abs(last - abs(place)); }
`;

/** What a place of a frame sees in the grid, and what is left there of the first picture. */
const HERE = `
uniform usampler2D u_here;
uniform float u_t, u_duration;

float left(float tau) {
  return 1.0 - smoothstep(0.0, 1.0, (u_t - tau * (1.0 - u_duration)) / u_duration);
}

// v, and what is left when a switch takes u_duration of the whole time: both linear between the cells of the grid.
vec3 here(vec2 pixel, vec2 size) {
  ivec2 cells = textureSize(u_here, 0), last = cells - 1;
  vec2 at = (pixel + 0.5) * vec2(cells) / size - 0.5;
  ivec2 i = ivec2(floor(at)), p = clamp(i, ivec2(0), last), q = clamp(i + 1, ivec2(0), last);
  vec2 f = at - vec2(i);
  vec3 a = uintBitsToFloat(texelFetch(u_here, p, 0).xyz);
  vec3 b = uintBitsToFloat(texelFetch(u_here, ivec2(q.x, p.y), 0).xyz);
  vec3 c = uintBitsToFloat(texelFetch(u_here, ivec2(p.x, q.y), 0).xyz);
  vec3 d = uintBitsToFloat(texelFetch(u_here, q, 0).xyz);
  #ifndef LINEAR
    a.z = left(a.z);
    b.z = left(b.z);
    c.z = left(c.z);
    d.z = left(d.z);
  #endif
  return mix(mix(a, b, f.x), mix(c, d, f.x), f.y);
}
`;

export const HEAD = `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;
precision highp sampler3D;
`;

/**
 * What each cell q of this moment sees: the displacement and τ of the half-way point p under it, p = q − s·v(p).
 * With `LAYERS` for so many layers of a field, one below the other, each given as its bits.
 */
export const SETTLE = `${HEAD}
#ifdef LAYERS
  uniform usampler2D u_field;
  vec4 cell(ivec2 at) { return uintBitsToFloat(texelFetch(u_field, at, 0)); }
#else
  #define LAYERS 1
  uniform sampler2D u_field; // v in shares of the frame, τ
  vec4 cell(ivec2 at) { return texelFetch(u_field, at, 0); }
#endif
uniform float u_s; // 2t − 1
out uvec4 o_here; // the bits of v and τ: integers are drawn to everywhere, floats are not

void main() {
  ivec2 size = textureSize(u_field, 0) / ivec2(1, LAYERS), pixel = ivec2(gl_FragCoord.xy);
  ivec2 top = ivec2(0, pixel.y / size.y * size.y);
  vec2 cells = vec2(size), q = vec2(pixel - top), p = q;
  vec4 here;
  for (int round = 0; round < 16; round++) {
    vec2 at = clamp(p, vec2(0.0), cells - 1.001);
    ivec2 i = ivec2(at);
    vec2 f = at - vec2(i);
    i += top;
    here = mix(
      mix(cell(i), cell(i + ivec2(1, 0)), f.x),
      mix(cell(i + ivec2(0, 1)), cell(i + ivec2(1, 1)), f.x),
      f.y
    );
    vec2 before = p;
    p = q - u_s * here.xy * cells;
    vec2 moved = abs(p - before);
    if (moved.x + moved.y < 1e-3) break;
  }
  o_here = floatBitsToUint(here);
}`;

/** Both pictures on their way to each other's palette. */
export const TINT = `${HEAD}
uniform sampler2D u_first, u_last, u_first_recoloured, u_last_recoloured;
uniform float u_t;
layout(location = 0) out vec4 o_first;
layout(location = 1) out vec4 o_last;

void main() {
  ivec2 at = ivec2(gl_FragCoord.xy);
  o_first = mix(texelFetch(u_first, at, 0), texelFetch(u_first_recoloured, at, 0), u_t);
  o_last = mix(texelFetch(u_last_recoloured, at, 0), texelFetch(u_last, at, 0), u_t);
}`;

/**
 * Both pictures where this moment sees them. With `LINEAR` their mix, which leaves what only one of them saw to that one; else the second, and the first less it with
 * what is left of the first one's finest band.
 */
export const WARP = `${HEAD}${BANDS}${MIRRORED}${HERE}
uniform sampler2D u_first, u_last;
uniform float u_s;
#ifdef LINEAR
  out vec4 o_frame;
#else
  layout(location = 0) out Stored o_difference;
  layout(location = 1) out Stored o_last;
#endif

// Four neighbours' weights (Keys, 1981, with a = −3/4, as OpenCV has it) for a place x beyond the second.
vec4 cubic(float x) {
  const float a = -0.75;
  float y = x + 1.0, z = 1.0 - x;
  vec3 w = vec3(
    ((a * y - 5.0 * a) * y + 8.0 * a) * y - 4.0 * a,
    ((a + 2.0) * x - (a + 3.0)) * x * x + 1.0,
    ((a + 2.0) * z - (a + 3.0)) * z * z + 1.0
  );
  return vec4(w, 1.0 - w.x - w.y - w.z);
}

vec3 across(sampler2D picture, vec3 x, float y, vec3 weights) {
  return weights.x * textureLod(picture, vec2(x.x, y), 0.0).rgb
    + weights.y * textureLod(picture, vec2(x.y, y), 0.0).rgb
    + weights.z * textureLod(picture, vec2(x.z, y), 0.0).rgb;
}

// A picture at a place in pixels: cubic, its two middle neighbours each way in one look.
vec3 seen(sampler2D picture, vec2 place) {
  vec2 size = vec2(textureSize(picture, 0)), i = floor(place);
  vec4 wx = cubic(place.x - i.x), wy = cubic(place.y - i.y);
  vec3 x = (i.x + vec3(-0.5, 0.5 + wx.z / (wx.y + wx.z), 2.5)) / size.x;
  vec3 y = (i.y + vec3(-0.5, 0.5 + wy.z / (wy.y + wy.z), 2.5)) / size.y;
  vec3 w = vec3(wx.x, wx.y + wx.z, wx.w);
  return wy.x * across(picture, x, y.x, w)
    + (wy.y + wy.z) * across(picture, x, y.y, w)
    + wy.w * across(picture, x, y.z, w);
}

vec3 glimpsed(sampler2D picture, vec2 place) {
  return textureLod(picture, (place + 0.5) / vec2(textureSize(picture, 0)), 0.0).rgb;
}

// 1 in the picture, less the farther beyond its border, next to nothing from a fiftieth of the frame on.
float inside(vec2 place, vec2 size) {
  vec2 middle = 0.5 * (size - 1.0), beyond = max(abs(place - middle) - middle, 0.0) / size;
  return max(1.0 - 50.0 * (beyond.x + beyond.y), 1e-3);
}

void main() {
  vec2 size = vec2(textureSize(u_first, 0)), pixel = floor(gl_FragCoord.xy);
  vec3 now = here(pixel, size);
  vec2 from = pixel - (u_s + 1.0) * now.xy * size, to = pixel + (1.0 - u_s) * now.xy * size;
  #ifdef LINEAR
    float first_share = (1.0 - u_t) * inside(from, size), last_share = u_t * inside(to, size);
    float share = last_share / (first_share + last_share);
  #endif
  from = mirrored(from, size - 1.0);
  to = mirrored(to, size - 1.0);
  #ifdef LINEAR
    o_frame = vec4(mix(seen(u_first, from), seen(u_last, to), share), 1.0);
  #else
    // Where nothing is left of a picture's finest band, a glimpse of it does for the coarser ones.
    vec3 first, last;
    if (now.z > 0.0) first = seen(u_first, from); else first = glimpsed(u_first, from);
    if (now.z < 1.0) last = seen(u_last, to); else last = glimpsed(u_last, to);
    o_difference = stored(first - last, now.z);
    o_last = stored(last, 0.0);
  #endif
}`;

/** The next coarser level of a Gaussian pyramid (Burt and Adelson, 1983): 1 4 6 4 1, two of them at a look. */
export const SHRINK = `${HEAD}${BANDS}${MIRRORED}
uniform Band u_fine;
out Stored o_coarse;

vec3 across(vec3 x, float y) {
  return 0.3125 * (between(u_fine, vec2(x.x, y)) + between(u_fine, vec2(x.z, y))) + 0.375 * between(u_fine, vec2(x.y, y));
}

void main() {
  vec2 centre = 2.0 * floor(gl_FragCoord.xy), last = vec2(textureSize(u_fine, 0) - 1);
  vec3 x = mirrored(centre.x + vec3(-1.2, 0.0, 1.2), last.x), y = mirrored(centre.y + vec3(-1.2, 0.0, 1.2), last.y);
  o_coarse = stored(0.3125 * (across(x, y.x) + across(x, y.z)) + 0.375 * across(x, y.y), 0.0);
}`;

/**
 * A level of the blend: the coarser levels' sum, grown, plus this band times what is left of the first picture. With
 * `COARSEST` there is no coarser level; with `FINEST` the second picture is added, which makes the frame.
 */
export const BLEND = `${HEAD}${BANDS}${HERE}
uniform Band u_fine; // this level of the difference's pyramid
#ifndef COARSEST
  uniform Band u_coarse; // the next level
  uniform Band u_sum; // the blend up to that level
#endif
#ifdef FINEST
  uniform Band u_last;
  out vec4 o_frame;
#else
  out Stored o_sum;
#endif

// Every second pixel lies on a coarse one (1 6 1), the others between two (4 4). As OpenCV does, mirrored at the top and
// left, repeated at the bottom and right.
vec3 grown(Band from, vec2 pixel) {
  vec2 at = 0.5 * pixel, d = 0.25 * step(fract(at), vec2(0.25)), a = abs(at - d), b = at + d;
  return 0.25 * (between(from, a) + between(from, b) + between(from, vec2(a.x, b.y)) + between(from, vec2(b.x, a.y)));
}

void main() {
  vec2 pixel = floor(gl_FragCoord.xy);
  vec4 fine = band(u_fine, ivec2(pixel));
  #ifdef FINEST
    float share = fine.a;
  #else
    float share = here(pixel, vec2(textureSize(u_fine, 0))).z;
  #endif
  #ifdef COARSEST
    vec3 sum = share * fine.rgb;
  #else
    vec3 sum = grown(u_sum, pixel);
    if (share > 0.0) sum += share * (fine.rgb - grown(u_coarse, pixel));
  #endif
  #ifdef FINEST
    o_frame = vec4(clamp(band(u_last, ivec2(pixel)).rgb + sum, 0.0, 1.0), 1.0);
  #else
    o_sum = stored(sum, 0.0);
  #endif
}`;

/** A picture at the size of its target: averaged where it shrinks, linear where it grows. */
export const RESIZE = `${HEAD}
uniform sampler2D u_picture;
uniform vec2 u_size; // of the target
out vec4 o_picture;

void main() {
  vec2 from = vec2(textureSize(u_picture, 0)), scale = from / u_size, reach = max(scale, vec2(1.0));
  vec2 centre = gl_FragCoord.xy * scale, low = centre - 0.5 * reach, high = centre + 0.5 * reach;
  ivec2 last = ivec2(from) - 1, begin = ivec2(floor(low)), end = ivec2(ceil(high));
  vec4 sum = vec4(0.0);
  for (int y = begin.y; y < end.y; y++) {
    float wy = min(float(y) + 1.0, high.y) - max(float(y), low.y);
    for (int x = begin.x; x < end.x; x++) {
      float wx = min(float(x) + 1.0, high.x) - max(float(x), low.x);
      sum += wx * wy * texelFetch(u_picture, clamp(ivec2(x, y), ivec2(0), last), 0);
    }
  }
  o_picture = sum / (reach.x * reach.y);
}`;

/** A picture with another one's palette. */
export const RECOLOUR = `${HEAD}
uniform sampler2D u_picture;
uniform sampler3D u_palette; // x: b, y: a, z: L
out vec4 o_picture;

const vec3 WHITE = vec3(0.950456, 1.0, 1.088754); // D65, as OpenCV has it

vec3 lab(vec3 srgb) {
  vec3 linear = mix(srgb / 12.92, pow((srgb + 0.055) / 1.055, vec3(2.4)), step(0.04045, srgb));
  vec3 xyz = linear * mat3(
    0.412453, 0.357580, 0.180423, 0.212671, 0.715160, 0.072169, 0.019334, 0.119193, 0.950227
  ) / WHITE;
  vec3 f = mix(7.787037 * xyz + 16.0 / 116.0, pow(xyz, vec3(1.0 / 3.0)), step(0.008856, xyz));
  return vec3(1.16 * f.y - 0.16, 5.0 * (f.x - f.y), 2.0 * (f.y - f.z)); // divided by 100
}

vec3 srgb(vec3 lab) {
  float y = (lab.x + 0.16) / 1.16;
  vec3 f = vec3(y + lab.y / 5.0, y, y - lab.z / 2.0);
  vec3 xyz = mix((f - 16.0 / 116.0) / 7.787037, f * f * f, step(0.206893, f)) * WHITE;
  vec3 linear = clamp(xyz * mat3(
    3.240479, -1.537150, -0.498535, -0.969256, 1.875991, 0.041556, 0.055648, -0.204043, 1.057311
  ), 0.0, 1.0);
  return mix(linear * 12.92, 1.055 * pow(linear, vec3(1.0 / 2.4)) - 0.055, step(0.0031308, linear));
}

vec3 row(ivec3 at, float f) {
  return mix(texelFetch(u_palette, at, 0).rgb, texelFetch(u_palette, at + ivec3(1, 0, 0), 0).rgb, f);
}

void main() {
  vec3 from = lab(texelFetch(u_picture, ivec2(gl_FragCoord.xy), 0).rgb);
  float side = float(textureSize(u_palette, 0).x);
  vec3 at = clamp((from.zyx + vec3(0.9, 0.9, 0.0)) / vec3(1.8, 1.8, 1.0) * (side - 1.0), 0.0, side - 1.001);
  ivec3 i = ivec3(at);
  vec3 f = at - vec3(i);
  vec3 near = mix(row(i, f.x), row(i + ivec3(0, 1, 0), f.x), f.y);
  vec3 far = mix(row(i + ivec3(0, 0, 1), f.x), row(i + ivec3(0, 1, 1), f.x), f.y);
  o_picture = vec4(srgb(from + mix(near, far, f.z)), 1.0);
}`;

/** A finished frame, upright in a framebuffer whose row 0 is at the bottom. */
export const PRESENT = `${HEAD}
uniform sampler2D u_frame;
uniform vec4 u_viewport; // x, y, width, height
out vec4 o_colour;

void main() {
  vec2 at = (gl_FragCoord.xy - u_viewport.xy) / u_viewport.zw;
  o_colour = vec4(texture(u_frame, vec2(at.x, 1.0 - at.y)).rgb, 1.0);
}`;
